# ONNX Runtime's library and C++ headers -> ONNXRuntime::ONNXRuntime
#
# Looked for, in this order, under
#   ONNXRUNTIME_ROOT (variable or environment): an official archive, a Python package's capi folder, or any {lib,include} folder
#   FAIR_DEPS/onnxruntime-*                     what toolchains/setup.sh fetched, the newest first
#   the system's folders
# Headers may be older than the library, never newer.
set(onnxruntime_roots ${ONNXRUNTIME_ROOT} $ENV{ONNXRUNTIME_ROOT})
file(GLOB onnxruntime_fetched LIST_DIRECTORIES true "${FAIR_DEPS}/onnxruntime-*")
list(SORT onnxruntime_fetched COMPARE NATURAL ORDER DESCENDING)
list(APPEND onnxruntime_roots ${onnxruntime_fetched})

find_library(ONNXRUNTIME_LIBRARY NAMES onnxruntime libonnxruntime.so.1 HINTS ${onnxruntime_roots} PATH_SUFFIXES lib lib64 capi .)
find_path(ONNXRUNTIME_INCLUDE_DIR NAMES onnxruntime_cxx_api.h HINTS ${onnxruntime_roots}
          PATH_SUFFIXES include include/onnxruntime include/onnxruntime/core/session onnxruntime)

if(ONNXRUNTIME_LIBRARY)
  get_filename_component(onnxruntime_file ${ONNXRUNTIME_LIBRARY} REALPATH)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+$" ONNXRuntime_VERSION ${onnxruntime_file})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ONNXRuntime REQUIRED_VARS ONNXRUNTIME_LIBRARY ONNXRUNTIME_INCLUDE_DIR VERSION_VAR ONNXRuntime_VERSION)
mark_as_advanced(ONNXRUNTIME_LIBRARY ONNXRUNTIME_INCLUDE_DIR)

if(ONNXRuntime_FOUND AND NOT TARGET ONNXRuntime::ONNXRuntime)
  add_library(ONNXRuntime::ONNXRuntime SHARED IMPORTED)
  set_target_properties(ONNXRuntime::ONNXRuntime PROPERTIES IMPORTED_LOCATION ${ONNXRUNTIME_LIBRARY})
  target_include_directories(ONNXRuntime::ONNXRuntime SYSTEM INTERFACE ${ONNXRUNTIME_INCLUDE_DIR})
endif()
