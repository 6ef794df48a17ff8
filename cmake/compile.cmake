# Our own code compiles without a warning; dependencies are system headers and do as they like.
option(SOUK_SANITIZE_ADDRESS "AddressSanitizer and UBSan" OFF)
option(SOUK_SANITIZE_THREAD "ThreadSanitizer" OFF)
option(SOUK_STATIC "Link binaries fully static" OFF)
option(SOUK_LAMBDA_ONLY "Find no library that the Lambda binary does not need (cross-builds)" OFF)
option(SOUK_FUZZ "Build the libFuzzer targets (clang)" OFF)

find_program(SOUK_CCACHE ccache)
if(SOUK_CCACHE)
    # Objects do not depend on the build folder's name, so every preset and checkout shares one cache.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=true CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
        ${SOUK_CCACHE})
endif()

add_library(souk_compile INTERFACE)
target_compile_options(souk_compile INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Werror
    # A designated initialiser that leaves members out value-initialises them, on purpose.
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Both are wrong about std::string and std::optional at -O2 in g++ 12 (GCC bugs 105651 and 105562).
    target_compile_options(souk_compile INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(souk_compile INTERFACE
        -Wno-gnu-statement-expression
        # libstdc++ 12's own stable_sort calls what it has deprecated itself.
        -Wno-deprecated-declarations)
endif()

set(sanitizers "")
if(SOUK_SANITIZE_ADDRESS)
    list(APPEND sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(SOUK_SANITIZE_THREAD)
    list(APPEND sanitizers -fsanitize=thread -fno-omit-frame-pointer)
endif()
add_compile_options(${sanitizers})
add_link_options(${sanitizers})
if(SOUK_FUZZ)
    # Coverage for libFuzzer; its main is linked into the fuzzers alone.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
