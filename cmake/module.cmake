# The four things this project builds: a module, its tests, its benchmarks, its fuzz targets.

# A static library `marvel_<name>` (alias marvel::<name>) with include root src/.
function(marvel_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(marvel_${name} STATIC ${ARG_SOURCES})
  add_library(marvel::${name} ALIAS marvel_${name})
  target_include_directories(marvel_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(marvel_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} marvel_warnings)
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
  doctest_discover_tests(marvel_${name}_tests TEST_PREFIX "${name}/"
    PROPERTIES LABELS ${name} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# A Google Benchmark program from bench/<name>_bench.cpp; built on request, never by `all`.
function(marvel_bench name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  find_package(benchmark QUIET)
  if(benchmark_FOUND)
    add_executable(marvel_${name}_bench EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/bench/${name}_bench.cpp)
    target_link_libraries(marvel_${name}_bench PRIVATE
      ${ARG_LIBRARIES} benchmark::benchmark marvel_warnings)
  endif()
endfunction()

# A libFuzzer target fuzz_<name> from fuzz/<name>.cpp (preset `fuzz` only).
function(marvel_fuzz name)
  if(NOT MARVEL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  add_executable(fuzz_${name} ${PROJECT_SOURCE_DIR}/fuzz/${name}.cpp)
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LIBRARIES} marvel_warnings)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
