# What `cmake --install` and `cpack` take along: programs, man pages, completions, examples, and the
# Debian packages.
#   marvel      the program; needs no LibTorch
#   marvel-ml   libmarvel_ml.so, loaded by `marvel compress` and `marvel fedl client --data`
#   marvel-fedl libmarvel_fedl.so, loaded by `marvel fedl`

set(docs_dir ${CMAKE_INSTALL_DATADIR}/doc/marvel)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/user ${PROJECT_SOURCE_DIR}/docs/formats
  ${PROJECT_SOURCE_DIR}/examples DESTINATION ${docs_dir} COMPONENT marvel USE_SOURCE_PERMISSIONS)

# --- Man pages: prose from docs/man, options from the program itself ------------------------------
find_program(SCDOC scdoc)
find_program(GZIP gzip)
if(SCDOC AND GZIP AND NOT CMAKE_CROSSCOMPILING)
  set(man_maker ${PROJECT_SOURCE_DIR}/cmake/package/man-page.sh)
  file(GLOB man_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.scd)
  set(man_pages "")
  foreach(source ${man_sources})
    get_filename_component(name ${source} NAME_WLE)
    set(page ${PROJECT_BINARY_DIR}/man/${name}.gz)
    add_custom_command(OUTPUT ${page}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND ${man_maker} $<TARGET_FILE:marvel> ${source} ${page}
      DEPENDS marvel ${source} ${man_maker} VERBATIM)
    list(APPEND man_pages ${page})
  endforeach()
  add_custom_target(man ALL DEPENDS ${man_pages})
  install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT marvel)
  find_program(MAN man)
  if(BUILD_TESTING AND MAN)
    add_test(NAME cli/man_pages
      COMMAND ${PROJECT_SOURCE_DIR}/tests/man/check.sh $<TARGET_FILE:marvel> ${man_pages})
    set_tests_properties(cli/man_pages PROPERTIES LABELS cli TIMEOUT 60)
  endif()
else()
  message(STATUS "scdoc not found: building without man pages")
endif()

# --- Completion -----------------------------------------------------------------------------------
function(marvel_completion shell file folder)
  set(script ${PROJECT_BINARY_DIR}/completion/${file})
  add_custom_command(OUTPUT ${script}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/completion
    COMMAND $<TARGET_FILE:marvel> completion ${shell} > ${script}
    DEPENDS marvel VERBATIM)
  add_custom_target(completion_${shell} ALL DEPENDS ${script})
  install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT marvel)
endfunction()
marvel_completion(bash marvel bash-completion/completions)
marvel_completion(zsh _marvel zsh/vendor-completions)
marvel_completion(fish marvel.fish fish/vendor_completions.d)

# --- Debian packages ------------------------------------------------------------------------------
# Each needs a copyright and a changelog in Debian's form.
set(package_components marvel)
if(TARGET marvel_ml)
  list(APPEND package_components marvel-ml)
endif()
if(TARGET marvel_fedl)
  list(APPEND package_components marvel-fedl)
endif()
foreach(PACKAGE ${package_components})
  set(folder ${PROJECT_BINARY_DIR}/package/${PACKAGE})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/package/changelog.in ${folder}/changelog @ONLY)
  if(GZIP)
    execute_process(COMMAND ${GZIP} -9nf ${folder}/changelog COMMAND_ERROR_IS_FATAL ANY)
    install(FILES ${folder}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${PACKAGE}
      COMPONENT ${PACKAGE})
  endif()
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/package/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${PACKAGE} COMPONENT ${PACKAGE})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME marvel)
set(CPACK_PACKAGE_VENDOR "the marvel authors")
set(CPACK_PACKAGE_CONTACT "the marvel maintainers <marvel-maintainers@lists.debian.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL ${package_components})
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MARVEL_PACKAGE_NAME marvel)
# Loaded, not linked, so that dpkg-shlibdeps does not see it.
set(CPACK_DEBIAN_MARVEL_PACKAGE_DEPENDS "libcurl4 (>= 7.87)")
set(CPACK_DEBIAN_MARVEL_PACKAGE_RECOMMENDS
  "marvel-ml (= ${PROJECT_VERSION}), marvel-fedl (= ${PROJECT_VERSION})")
# CPack puts the summary above the description and indents what follows.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "runs AI across edge, fog and cloud")
set(CPACK_DEBIAN_MARVEL_DESCRIPTION
"One command line that makes neural networks small while they train, and
that finds the lines of streams that match any of many patterns, deploys to
Kubernetes, trains one model with many clients, and joins machines behind
NATs to one network. This package holds the program, its manual and the
completion of shells.")
set(CPACK_DEBIAN_MARVEL-ML_PACKAGE_NAME marvel-ml)
set(CPACK_DEBIAN_MARVEL-ML_PACKAGE_DEPENDS
  "marvel (= ${PROJECT_VERSION}), libopenblas0-openmp")
set(CPACK_DEBIAN_MARVEL-ML_DESCRIPTION
"This package holds the plug-in that links LibTorch. The program marvel loads
it for the commands that train or measure a network, and for no other.")
set(CPACK_DEBIAN_MARVEL-FEDL_PACKAGE_NAME marvel-fedl)
set(CPACK_DEBIAN_MARVEL-FEDL_PACKAGE_DEPENDS "marvel (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_MARVEL-FEDL_DESCRIPTION
"This package holds the plug-in that links gRPC. The program marvel loads it
for federated learning, as server and as client, and for no other command.")
include(CPack)
