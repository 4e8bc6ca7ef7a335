# Writes a plugin's manifest: its description's fields, its binary's sha256, the platform it was built for.
file(READ ${DESCRIPTION} text)
file(SHA256 ${BINARY} sum)
get_filename_component(binary ${BINARY} NAME)
string(JSON text SET "${text}" platform "\"${PLATFORM}\"")
string(JSON text SET "${text}" binary "\"${binary}\"")
string(JSON text SET "${text}" sha256 "\"${sum}\"")
file(WRITE ${OUTPUT} "${text}\n")
