# Writes the OpenCL sources into a C++ file, so that the program needs no files beside it. Called as
# cmake -DOUTPUT=FILE -DHEADER=INCLUDE -DNAMESPACE=NAME -DSOURCES=NAME=FILE;... -P kernels.cmake
set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
foreach(source IN LISTS SOURCES)
  string(REGEX MATCH "^([^=]+)=(.*)$" _ "${source}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} kernel)
  string(APPEND text "\nconst char* const ${name} = R\"kernel(${kernel})kernel\";\n")
endforeach()
string(APPEND text "\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${text}")
