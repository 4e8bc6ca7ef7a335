# add_model_plugin(NAME SOURCES … DESCRIPTION file.json [ITEMS item.json…] [USES target…])
#
# From one set of sources: the static library fair_plugin_NAME (alias FairEdge::plugin_NAME) and the form that is loaded, with its manifest
# NAME.plugin.json beside it: the shared object NAME.so, or with Emscripten the side module NAME.wasm. Plugins of this project are also listed for the programs that contain them.
# The description is what describe() says and what the manifest is made of, so the two cannot disagree.
# Makes of an executable a side module: it shares the memory of the module that loads it, exports fair_plugin_NAME and lies in FOLDER as NAME.wasm.
function(fair_side_module target name folder)
  set_target_properties(${target} PROPERTIES SUFFIX .wasm POSITION_INDEPENDENT_CODE OFF OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${folder})
  target_compile_options(${target} PRIVATE -fPIC -flto)  # CMake would give an executable -fPIE
  target_link_options(${target} PRIVATE -Oz -sSIDE_MODULE=2 -sWASM_BIGINT -Wl,-Bsymbolic -sEXPORTED_FUNCTIONS=_fair_plugin_${name})
endfunction()

function(add_model_plugin name)
  cmake_parse_arguments(arg "" "DESCRIPTION" "SOURCES;ITEMS;USES" ${ARGN})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${arg_DESCRIPTION} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${arg_DESCRIPTION} ${arg_ITEMS})
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
  if(EMSCRIPTEN)
    set(platform ${FAIR_WASM_PLATFORM})
    add_executable(fair_plugin_${name}_shared ${arg_SOURCES})
    fair_side_module(fair_plugin_${name}_shared ${name} ${binaries})
  else()
    add_library(fair_plugin_${name}_shared MODULE ${arg_SOURCES})
    set_target_properties(fair_plugin_${name}_shared PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${binaries})
    target_link_options(fair_plugin_${name}_shared PRIVATE -Wl,--exclude-libs,ALL)
  endif()
  target_include_directories(fair_plugin_${name}_shared PRIVATE ${generated} ${PROJECT_SOURCE_DIR})
  target_link_libraries(fair_plugin_${name}_shared PRIVATE FairEdge::plugin_sdk ${arg_USES})
  add_custom_command(TARGET fair_plugin_${name}_shared POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DDESCRIPTION=${CMAKE_CURRENT_SOURCE_DIR}/${arg_DESCRIPTION} -DBINARY=$<TARGET_FILE:fair_plugin_${name}_shared>
            -DPLATFORM=${platform} -DOUTPUT=${binaries}/${name}.plugin.json
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/WriteManifest.cmake VERBATIM)

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
