# A module sees its own headers and those of the modules it NEEDS, and nothing else: each gets an include
# folder of its own with a link to its sources, so a forbidden #include does not compile.
#
#   souk_module(orders DIR domain/orders SOURCES … NEEDS ports carts_contract [LINKS third::party])
#
# A service's contract.h is a module of its own (souk_contract), which siblings may NEED.
function(souk_layer name path)
    get_filename_component(parent ${path} DIRECTORY)
    set(root ${CMAKE_SOURCE_DIR}/build/layers/${name})
    file(MAKE_DIRECTORY ${root}/${parent})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${path} ${root}/${path} SYMBOLIC)
endfunction()

function(souk_module name)
    cmake_parse_arguments(arg "" "DIR" "SOURCES;NEEDS;LINKS" ${ARGN})
    souk_layer(${name} ${arg_DIR})
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/build/layers/${name})
    target_link_libraries(${name} PUBLIC ${arg_NEEDS} PRIVATE souk_compile ${arg_LINKS})
    file(GLOB headers RELATIVE ${CMAKE_SOURCE_DIR}/src CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${arg_DIR}/*.h)
    set_property(GLOBAL APPEND PROPERTY SOUK_HEADERS_${name} ${headers})
    set_property(GLOBAL APPEND PROPERTY SOUK_MODULES ${name})
endfunction()

function(souk_contract service)
    souk_layer(${service}_contract domain/${service}/contract.h)
    add_library(${service}_contract INTERFACE)
    target_include_directories(${service}_contract INTERFACE ${CMAKE_SOURCE_DIR}/build/layers/${service}_contract)
    target_link_libraries(${service}_contract INTERFACE ports)
endfunction()

# souk_tests(orders SOURCES place_order_test.cc … NEEDS orders ledger_memory): the executable orders_tests.
# Tests also see tests/ itself (contracts/, support/).
function(souk_tests name)
    cmake_parse_arguments(arg "" "" "SOURCES;NEEDS;LINKS" ${ARGN})
    add_executable(${name}_tests ${arg_SOURCES})
    target_include_directories(${name}_tests PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name}_tests PRIVATE ${arg_NEEDS} ${arg_LINKS} souk_compile GTest::gtest_main)
    gtest_discover_tests(${name}_tests DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS ${name})
endfunction()

# Every header stands alone: it is the first include of a source, whose compilation proves it, or gets a source of its
# own that includes nothing else.
function(souk_verify_headers)
    get_property(modules GLOBAL PROPERTY SOUK_MODULES)
    foreach(module IN LISTS modules)
        get_property(headers GLOBAL PROPERTY SOUK_HEADERS_${module})
        set(sources "")
        foreach(header IN LISTS headers)
            string(REGEX REPLACE "\\.h$" ".cc" own_source ${CMAKE_SOURCE_DIR}/src/${header})
            if(EXISTS ${own_source})
                file(STRINGS ${own_source} first REGEX "^#include" LIMIT_COUNT 1)
                if(first STREQUAL "#include \"${header}\"")
                    continue()
                endif()
            endif()
            string(REPLACE "/" "_" flat ${header})
            set(source ${CMAKE_BINARY_DIR}/headers/${flat}.cc)
            file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\" // IWYU pragma: keep\n")
            list(APPEND sources ${source})
        endforeach()
        if(sources)
            add_library(${module}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
            target_link_libraries(${module}_headers PRIVATE ${module} souk_compile)
            # Compiling is the whole test: no optimiser, no sanitizer.
            target_compile_options(${module}_headers PRIVATE -O0 -g0 -fno-sanitize=all)
            list(APPEND all ${module}_headers)
        endif()
    endforeach()
    add_custom_target(headers DEPENDS ${all})
endfunction()
