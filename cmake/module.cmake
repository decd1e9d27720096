# The three things this project builds: a module, its tests, its fuzz targets.

# The sources of a target are compiled as few texts where MARVEL_UNITY has `kind`.
function(marvel_unity target kind)
  if(NOT kind IN_LIST MARVEL_UNITY)
    return()
  endif()
  get_target_property(files ${target} SOURCES)
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/unity_groups.py ${files}
    OUTPUT_VARIABLE groups COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" groups "${groups}")
  foreach(line IN LISTS groups)
    if(line MATCHES "^([0-9]+) (.+)$")
      set_source_files_properties(${CMAKE_MATCH_2} PROPERTIES UNITY_GROUP ${CMAKE_MATCH_1})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # GCC takes the files for headers then, in which private members of a private type would be wrong.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

# A static library `marvel_<name>` (alias marvel::<name>) with include root src/.
function(marvel_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(marvel_${name} STATIC ${ARG_SOURCES})
  add_library(marvel::${name} ALIAS marvel_${name})
  target_include_directories(marvel_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(marvel_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} marvel_warnings)
  marvel_unity(marvel_${name} modules)
endfunction()

# One executable per module from tests/<name>/*_test.cpp: adding a test is adding a file.
function(marvel_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(ARG "" "FOLDER;TIMEOUT" "LIBRARIES;SOURCES" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(ARG_SOURCES)
    list(TRANSFORM ARG_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/tests/${ARG_FOLDER}/)
    set(files ${ARG_SOURCES})
  else()
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${ARG_FOLDER}/*_test.cpp)
  endif()
  add_executable(marvel_${name}_tests ${files})
  target_include_directories(marvel_${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(marvel_${name}_tests PRIVATE
    ${ARG_LIBRARIES} marvel_test_support marvel_test_main marvel_warnings)
  marvel_unity(marvel_${name}_tests tests)
  if(MARVEL_TEST_CASES)
    doctest_discover_tests(marvel_${name}_tests TEST_PREFIX "${name}/"
      PROPERTIES LABELS ${name} TIMEOUT ${ARG_TIMEOUT}
      # A filter that matches no test case passes; it must not.
      FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  else()
    add_test(NAME ${name} COMMAND marvel_${name}_tests)
    set_tests_properties(${name} PROPERTIES LABELS ${name} TIMEOUT 1200)
  endif()
endfunction()

# The fuzz target fuzz/<name>.cpp: with libFuzzer as fuzz_<name> in preset `fuzz`; elsewhere as
# the test fuzz/<name>, which replays the stored inputs.
function(marvel_fuzz name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  if(MARVEL_FUZZ)
    set(target fuzz_${name})
    add_executable(${target} ${PROJECT_SOURCE_DIR}/fuzz/${name}.cpp)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  elseif(BUILD_TESTING)
    set(target fuzz_replay_${name})
    add_executable(${target} ${PROJECT_SOURCE_DIR}/fuzz/${name}.cpp ${PROJECT_SOURCE_DIR}/fuzz/replay.cpp)
    add_test(NAME fuzz/${name} COMMAND ${target} corpus/${name} crashes/${name}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/fuzz)
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  else()
    return()
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES} marvel::base marvel_warnings)
endfunction()
