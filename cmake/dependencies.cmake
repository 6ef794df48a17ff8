# Third-party libraries: Debian's packages, static archives first. Only adapters and apps link them.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
set(OPENSSL_USE_STATIC_LIBS ON)
set(Boost_USE_STATIC_LIBS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
if(NOT SOUK_LAMBDA_ONLY)
    find_package(GTest REQUIRED)
endif()

function(souk_archive target)
    cmake_parse_arguments(arg "" "HEADER" "LIBRARIES" ${ARGN})
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    if(SOUK_LAMBDA_ONLY)
        return() # Nothing that is built then uses it.
    endif()
    foreach(library IN LISTS arg_LIBRARIES)
        find_library(found_${library} NAMES lib${library}.a ${library} REQUIRED)
        target_link_libraries(${target} INTERFACE ${found_${library}})
    endforeach()
    target_link_libraries(${target} INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
endfunction()

# Debian's rocksdb package exports a CMake target that names shared libraries, so its parts are named here.
souk_archive(souk::rocksdb LIBRARIES rocksdb snappy lz4 zstd bz2 z gflags)
souk_archive(souk::sodium LIBRARIES sodium)
souk_archive(souk::rapidcheck LIBRARIES rapidcheck)
add_library(souk::asio INTERFACE IMPORTED GLOBAL)
target_link_libraries(souk::asio INTERFACE Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
add_library(souk::openssl INTERFACE IMPORTED GLOBAL)
target_link_libraries(souk::openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
