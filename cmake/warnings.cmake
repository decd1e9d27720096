# Warnings and sanitizers as one INTERFACE target, so no flag is global by accident.
add_library(marvel_warnings INTERFACE)
target_compile_options(marvel_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies in std::string's operator+ (GCC bug 105651).
  target_compile_options(marvel_warnings INTERFACE -Wno-restrict)
endif()
if(MARVEL_WERROR)
  target_compile_options(marvel_warnings INTERFACE -Werror)
endif()

if(MARVEL_SANITIZE)
  add_compile_options(-fsanitize=${MARVEL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MARVEL_SANITIZE})
endif()
if(MARVEL_COVERAGE)
  # Atomic: threads and children count into the same files.
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
if(MARVEL_FUZZ)
  # Everything is instrumented; only the targets themselves link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
