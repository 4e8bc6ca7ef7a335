# LibTorch by its files: Debian's libtorch-dev, the archive from pytorch.org, or the one inside a pip wheel (LIBTORCH_ROOT=…/site-packages/torch).
# Its own TorchConfig asks for the CUDA toolkit even where only the libraries are needed to link, and pins an older C++ standard; so it is not used.
# Gives LibTorch::LibTorch, LibTorch_VERSION, LibTorch_CUDA (TRUE where the CUDA half is there too) and LibTorch_LOOP_OPTIONS, for the compiler of what
# has loops by at::parallel_for.
set(LIBTORCH_ROOT "$ENV{LIBTORCH_ROOT}" CACHE PATH "LibTorch's folder, when it is not where Debian puts it")
if(LIBTORCH_ROOT)
  set(_hints HINTS ${LIBTORCH_ROOT} NO_DEFAULT_PATH)
endif()
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h PATH_SUFFIXES include ${_hints})
find_library(LibTorch_torch torch PATH_SUFFIXES lib ${_hints})
find_library(LibTorch_torch_cpu torch_cpu PATH_SUFFIXES lib ${_hints})
find_library(LibTorch_c10 c10 PATH_SUFFIXES lib ${_hints})
find_library(LibTorch_torch_cuda torch_cuda PATH_SUFFIXES lib ${_hints})
find_library(LibTorch_c10_cuda c10_cuda PATH_SUFFIXES lib ${_hints})
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_torch LibTorch_torch_cpu LibTorch_c10 LibTorch_torch_cuda LibTorch_c10_cuda)

if(LibTorch_INCLUDE_DIR)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS ${LibTorch_INCLUDE_DIR}/${_header} AND NOT LibTorch_VERSION)
      file(STRINGS ${LibTorch_INCLUDE_DIR}/${_header} _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX MATCHALL "[0-9]+" _numbers "${_lines}")
      list(JOIN _numbers "." LibTorch_VERSION)
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch REQUIRED_VARS LibTorch_torch_cpu LibTorch_c10 LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE ${LibTorch_INCLUDE_DIR})
  set(_libraries ${LibTorch_torch_cpu} ${LibTorch_c10})
  set(LibTorch_CUDA FALSE)
  if(LibTorch_torch_cuda)
    # Kernels register themselves when the library is loaded; nothing refers to them by name.
    list(APPEND _libraries -Wl,--no-as-needed ${LibTorch_torch_cuda} ${LibTorch_c10_cuda} -Wl,--as-needed)
    set(LibTorch_CUDA TRUE)
  endif()
  # at::parallel_for is a template: it has threads only where it is compiled with OpenMP, as LibTorch itself was. By LibTorch's own runtime, of which a
  # wheel brings its own: a second one would have threads of its own, which wait for work by spinning.
  file(STRINGS ${LibTorch_INCLUDE_DIR}/ATen/Config.h _openmp REGEX "define AT_PARALLEL_OPENMP 1")
  if(_openmp AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(LibTorch_LOOP_OPTIONS -fopenmp)
    get_filename_component(_folder ${LibTorch_torch_cpu} DIRECTORY)
    file(GLOB _runtime ${_folder}/libgomp*.so* ${_folder}/../../torch.libs/libgomp*.so*)
    list(APPEND _runtime gomp)
    list(GET _runtime 0 _runtime)
    list(APPEND _libraries ${_runtime})
  endif()
  target_link_libraries(LibTorch::LibTorch INTERFACE ${_libraries})
endif()
