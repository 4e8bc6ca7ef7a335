# add_model_plugin(NAME SOURCES … DESCRIPTION file.json [ITEMS item.json…] [TESTS test.cpp…] [USES target…])
#
# From one set of sources: the static library fair_plugin_NAME (alias FairEdge::plugin_NAME) and the form that is loaded, with its manifest
# NAME.plugin.json beside it in fair-plugins/NAME of the build folder: the shared object NAME.so, or with Emscripten the side module NAME.wasm.
# Plugins of this project are also listed for the programs that contain them.
# The description is what describe() says and what the manifest is made of, so the two cannot disagree.
# Each test is a program of its own, linked with the static form and run by ctest; outside this project ctest also runs `fair plugins check` on the
# loaded form, where a fair is at hand.

# Makes of an executable a side module: it shares the memory of the module that loads it, exports fair_plugin_NAME and lies in FOLDER as NAME.wasm.
function(fair_side_module target name folder)
  set_target_properties(${target} PROPERTIES SUFFIX .wasm POSITION_INDEPENDENT_CODE OFF OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${folder})
  target_compile_options(${target} PRIVATE -fPIC -flto)  # CMake would give an executable -fPIE
  target_link_options(${target} PRIVATE -Oz -sSIDE_MODULE=2 -sWASM_BIGINT -Wl,-Bsymbolic -sEXPORTED_FUNCTIONS=_fair_plugin_${name})
endfunction()

# How node runs what Emscripten made, in the variable OUT; empty where there is no node.
function(fair_node_runner out)
  find_program(FAIR_NODE NAMES node nodejs)
  set(runner "")
  if(FAIR_NODE)
    set(runner ${FAIR_NODE})
    # Where node itself has fetch, this Emscripten believes to be in a browser.
    execute_process(COMMAND ${FAIR_NODE} --no-experimental-fetch --version OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0)
      list(APPEND runner --no-experimental-fetch)
    endif()
  endif()
  set(${out} ${runner} PARENT_SCOPE)
endfunction()

# The tests of a plugin, natively or in node.
function(fair_plugin_tests name)
  set(runner "")
  if(EMSCRIPTEN)
    fair_node_runner(runner)
    if(NOT runner)
      message(STATUS "${name}: its tests are left out, there is no node to run them")
      return()
    endif()
  endif()
  foreach(source ${ARGN})
    get_filename_component(test ${source} NAME_WE)
    add_executable(${test} ${source})
    set_target_properties(${test} PROPERTIES CXX_EXTENSIONS OFF)
    target_link_libraries(${test} PRIVATE fair_plugin_${name})
    if(EMSCRIPTEN)
      target_link_options(${test} PRIVATE -sEXIT_RUNTIME=1 -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH=1)
    endif()
    add_test(NAME ${test} COMMAND ${runner} $<TARGET_FILE:${test}>)
  endforeach()
endfunction()

function(add_model_plugin name)
  cmake_parse_arguments(arg "" "DESCRIPTION" "SOURCES;ITEMS;TESTS;USES" ${ARGN})
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "add_model_plugin: expected a name of small letters, digits and _, found ${name}; the exported symbol is made of it")
  endif()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${arg_DESCRIPTION} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${arg_DESCRIPTION} ${arg_ITEMS})
  string(JSON described ERROR_VARIABLE wrong GET "${text}" name)
  if(NOT described STREQUAL name)
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/${arg_DESCRIPTION}: expected \"name\": \"${name}\", as add_model_plugin is told, found ${described} ${wrong}")
  endif()
  file(CONFIGURE OUTPUT ${generated}/plugins/${name}/description.h @ONLY CONTENT
"#pragma once
namespace fair::${name} {
inline constexpr const char* description = R\"fair-json(${text})fair-json\";
}
")
  add_library(fair_plugin_${name} STATIC ${arg_SOURCES})
  add_library(FairEdge::plugin_${name} ALIAS fair_plugin_${name})
  set_target_properties(fair_plugin_${name} PROPERTIES EXPORT_NAME plugin_${name})
  target_include_directories(fair_plugin_${name} PRIVATE ${generated} ${PROJECT_SOURCE_DIR})
  target_link_libraries(fair_plugin_${name} PUBLIC FairEdge::plugin_sdk ${arg_USES})
  if(TARGET fair_warnings)
    target_link_libraries(fair_plugin_${name} PRIVATE $<BUILD_INTERFACE:fair_warnings>)
  endif()

  set(platform linux-${CMAKE_SYSTEM_PROCESSOR})
  set(binaries ${CMAKE_BINARY_DIR}/fair-plugins/${name})
  set(shared fair_plugin_${name}_shared)
  if(EMSCRIPTEN)
    set(platform ${FAIR_WASM_PLATFORM})
    add_executable(${shared} ${arg_SOURCES})
    fair_side_module(${shared} ${name} ${binaries})
  else()
    set_target_properties(fair_plugin_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)  # for programs and for shared objects alike
    add_library(${shared} MODULE ${arg_SOURCES})
    set_target_properties(${shared} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${binaries})
    target_link_options(${shared} PRIVATE -Wl,--exclude-libs,ALL)
  endif()
  set_target_properties(fair_plugin_${name} ${shared} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${shared} PRIVATE ${generated} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${shared} PRIVATE FairEdge::plugin_sdk ${arg_USES})
  # FAIR_SDK_DIR is set outside this project: nothing that a browser's host lacks may be found out only there.
  if(EMSCRIPTEN AND FAIR_SDK_DIR)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    add_custom_command(TARGET ${shared} POST_BUILD
      COMMAND Python3::Interpreter ${FAIR_SDK_DIR}/module_symbols.py check $<TARGET_FILE:${shared}> ${FAIR_SDK_DIR}/runtime_symbols.json VERBATIM)
  endif()
  add_custom_command(TARGET ${shared} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DDESCRIPTION=${CMAKE_CURRENT_SOURCE_DIR}/${arg_DESCRIPTION} -DBINARY=$<TARGET_FILE:${shared}>
            -DPLATFORM=${platform} -DOUTPUT=${binaries}/${name}.plugin.json
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/WriteManifest.cmake VERBATIM)

  fair_plugin_tests(${name} ${arg_TESTS})
  if(FAIR_PROGRAM AND NOT EMSCRIPTEN)
    add_test(NAME ${name}_conforms COMMAND ${FAIR_PROGRAM} plugins check ${binaries})
  endif()

  set(items "")
  foreach(item ${arg_ITEMS})
    file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${item} item_text)
    string(APPEND items "R\"fair-json(${item_text})fair-json\",\n")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY FAIR_ROOMS fair_plugin_${name})
  set_property(GLOBAL APPEND PROPERTY FAIR_PLUGINS ${name})
  set_property(GLOBAL PROPERTY FAIR_PLUGIN_DESCRIPTION_${name} "${text}")
  set_property(GLOBAL PROPERTY FAIR_PLUGIN_ITEMS_${name} "${items}")
endfunction()
