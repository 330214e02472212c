# intray_add_plugin(NAME SOURCES a.cpp ... [LIBRARIES target ...])
#
# A plugin library NAME.so that exports intray_plugin_entry_v1 and nothing else: a plugin that
# exported more could meet the symbols of another one. What it lacks fails the build, not the load.
set(INTRAY_PLUGIN_EXPORTS ${CMAKE_CURRENT_LIST_DIR}/plugin.exports)

function(intray_add_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE intray::api ${arg_LIBRARIES})
  # The least that the headers need; a compiler's own default may be older.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    target_compile_features(${name} PRIVATE c_std_99)
  endif()
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS ${INTRAY_PLUGIN_EXPORTS})
  target_link_options(${name} PRIVATE "LINKER:--version-script=${INTRAY_PLUGIN_EXPORTS}"
    "LINKER:--exclude-libs,ALL" "LINKER:-z,defs")
endfunction()
