// Memory that comes back every step is kept by the process.
#pragma once

namespace fair::train {

/// From now on large blocks come from the heap and stay there when freed. A training step frees and asks for the same gigabyte again and
/// again; given back to the kernel each time, its pages would have to be zeroed and mapped anew. For the whole process; glibc only.
void keep_memory();

}  // namespace fair::train
