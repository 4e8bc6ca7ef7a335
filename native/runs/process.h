// Which program is at work, so that another can tell later whether it still is.
#pragma once

#include <string>

#include "core/base/json.h"

namespace fair::runs {

/// This process: {host, machine, process, began}. A machine is one boot and one space of process numbers, since containers share names.
[[nodiscard]] Json this_process();
/// Whether `process` (as above) ran where this one does: only then can it be looked for.
[[nodiscard]] bool on_this_machine(const Json& process);
/// It ran here, and does no more. Process numbers come again; the time a process began does not.
[[nodiscard]] bool has_ended(const Json& process);
/// The same, or it ran before a machine of this one's name began anew. Names may be shared: for words to people, not for taking over what it did.
[[nodiscard]] bool seems_to_have_ended(const Json& process);
/// "host, process 123", for people.
[[nodiscard]] std::string shown(const Json& process);

}  // namespace fair::runs
