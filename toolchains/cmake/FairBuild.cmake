# How every room of the house is built: one static library a room, so that the linker checks which way the arrows point.
include(GNUInstallDirs)
# Libraries that only our programs open, relative to the prefix.
set(FAIR_PRIVATE_LIBDIR ${CMAKE_INSTALL_LIBDIR}/fair-edge)
# What they read, and what plugins are made from.
set(FAIR_SHARE_DIR ${CMAKE_INSTALL_DATADIR}/fair-edge)

if(EMSCRIPTEN)
  set(FAIR_NATIVE OFF)
else()
  option(FAIR_NATIVE "What touches the world: files, networks, training; off leaves core and the plugins' inference parts" ON)
endif()
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# A library found in one room must be known where programs that use the room are linked.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

# Where toolchains/setup.sh put what Debian 12 lacks.
if(DEFINED ENV{FAIR_DEPS})
  set(FAIR_DEPS "$ENV{FAIR_DEPS}" CACHE PATH "What toolchains/setup.sh fetched")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(FAIR_DEPS "$ENV{XDG_CACHE_HOME}/fair-edge/deps" CACHE PATH "What toolchains/setup.sh fetched")
else()
  set(FAIR_DEPS "$ENV{HOME}/.cache/fair-edge/deps" CACHE PATH "What toolchains/setup.sh fetched")
endif()

find_program(FAIR_CCACHE ccache)
if(FAIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Files read through a precompiled header are kept only where ccache is told that it may; and a clone in another folder has the same files.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${FAIR_CCACHE})
endif()
find_program(FAIR_MOLD mold)
if(FAIR_MOLD AND FAIR_NATIVE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

add_library(fair_settings INTERFACE)
add_library(FairEdge::settings ALIAS fair_settings)
target_compile_features(fair_settings INTERFACE cxx_std_20)
# The same numbers natively and in WASM: no fused multiply-adds that one of them lacks.
target_compile_options(fair_settings INTERFACE -ffp-contract=off)
# Nobody reads floating-point exception flags; giving them up changes no value and lets GCC turn loops with comparisons into vectors.
target_compile_options(fair_settings INTERFACE -fno-trapping-math)
if(EMSCRIPTEN)
  # Side modules and the module that loads them must be of one kind.
  set(FAIR_WASM_PLATFORM wasm32-emscripten-${EMSCRIPTEN_VERSION}-eh-simd)
  target_compile_options(fair_settings INTERFACE -msimd128 -fwasm-exceptions)
  target_link_options(fair_settings INTERFACE -fwasm-exceptions)
  # Debian's Emscripten keeps the JavaScript packages that its linker runs where Debian's node looks; other nodes must be told.
  set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK "${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs")
endif()

add_library(fair_warnings INTERFACE)
# GCC 12 takes "text" + string for an overflow, a copy past its end or onto itself (GCC PR 105651).
target_compile_options(fair_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor "$<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow;-Wno-array-bounds;-Wno-restrict>" $<$<BOOL:${FAIR_DEVELOPER}>:-Werror>)

# Header-only libraries; Emscripten must not see /usr/include, so it gets a folder of links.
if(EMSCRIPTEN)
  add_library(fair_headers INTERFACE)
  target_include_directories(fair_headers SYSTEM INTERFACE $<BUILD_INTERFACE:${FAIR_DEPS}/portable>)
else()
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(xtensor REQUIRED)
  find_package(tl-expected REQUIRED)
  add_library(fair_headers INTERFACE)
  target_link_libraries(fair_headers INTERFACE nlohmann_json::nlohmann_json xtensor tl::expected)
endif()

# GCC looks for memory to free whenever its heap has grown by a share, which with precompiled headers is a third of the time of a large file; no file of
# ours ever holds much more than this many KiB.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options("SHELL:$<$<COMPILE_LANGUAGE:CXX>:--param ggc-min-heapsize=786432>")
endif()

# Most of what the compiler reads are the same few library headers: read once for all rooms. GCC alone; every other compiler, and so clang-tidy, em++
# and the sanitizers, shows whether each file includes what it uses.
if(FAIR_NATIVE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(FAIR_PRECOMPILE ON)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "// nothing but what is precompiled\n")
  set(FAIR_LIBRARY_HEADERS <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <nlohmann/json.hpp> <optional> <sstream> <string> <tl/expected.hpp> <vector>)
  add_library(fair_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(fair_precompiled PRIVATE fair_settings fair_headers fair_warnings)
  target_precompile_headers(fair_precompiled PRIVATE ${FAIR_LIBRARY_HEADERS})
endif()

# fair_room(NAME SOURCES … [USES target…] [PRIVATE_USES target…])
# The library fair_NAME (alias FairEdge::NAME), included as "core/…", "native/…" or "plugins/…" from the root of the tree.
function(fair_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  if(arg_SOURCES)
    add_library(fair_${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(fair_${name} PRIVATE $<BUILD_INTERFACE:fair_warnings> ${arg_PRIVATE_USES})
  else()
    add_library(fair_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(FairEdge::${name} ALIAS fair_${name})
  set_target_properties(fair_${name} PROPERTIES EXPORT_NAME ${name})
  # Browsers download it: all is built for size but what visits every pixel, and seen as a whole by the linker.
  if(EMSCRIPTEN AND arg_SOURCES)
    target_compile_options(fair_${name} PRIVATE -flto)
  endif()
  if(EMSCRIPTEN AND arg_SOURCES AND NOT name MATCHES "^core_(polygonize|raster)$")
    target_compile_options(fair_${name} PRIVATE -Oz)
  endif()
  target_include_directories(fair_${name} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/fair-edge>)
  target_link_libraries(fair_${name} ${scope} fair_settings fair_headers ${arg_USES})
  if(FAIR_PRECOMPILE AND arg_SOURCES)
    target_precompile_headers(fair_${name} REUSE_FROM fair_precompiled)
  endif()
  set_property(GLOBAL APPEND PROPERTY FAIR_ROOMS fair_${name})
endfunction()
