#!/bin/sh
# Builds the firmware. `npm run firmware` makes all that is committed: the generated messages and the wasm.
#   scripts/firmware-build.sh wasm [OUT.wasm]  the controller as WebAssembly (clang 14 and wasm-ld 14: the bytes are pinned)
#   scripts/firmware-build.sh host DIR [NAME]  native programs (controller, vectors), with CC (default: cc) and CFLAGS
#   scripts/firmware-build.sh check            the core under gcc's and clang's warnings, as errors
set -eu
cd "$(dirname "$0")/.."
warnings="-std=c11 -Wall -Wextra -Werror -Wconversion -Wshadow -Wpedantic"
core=$(ls firmware/core/*.c | LC_ALL=C sort)

wasm() {
  out=${1:-firmware/wasm/controller.wasm}
  # No LTO and no paths in the output: the same sources give the same bytes wherever they lie.
  # shellcheck disable=SC2086
  clang-14 --target=wasm32 -ffreestanding -nostdlib $warnings -O2 -mbulk-memory -fvisibility=hidden \
    -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -Wl,--initial-memory=131072 -Wl,--max-memory=131072 \
    -o "$out" firmware/wasm/main.c $core
}

case "${1:-}" in
  wasm)
    wasm "${2:-}"
    ;;
  commit)
    wasm
    (cd firmware/wasm && sha256sum controller.wasm >controller.wasm.sha256)
    wc -c firmware/wasm/controller.wasm
    ;;
  host)
    mkdir -p "$2"
    for program in ${3:-controller vectors}; do
      # shellcheck disable=SC2086
      ${CC:-cc} $warnings ${CFLAGS:--O2} -o "$2/$program" firmware/host/$program.c $core -lm
    done
    ;;
  check)
    for compiler in gcc clang-14; do
      for file in $core; do
        # shellcheck disable=SC2086
        $compiler $warnings -fsyntax-only "$file"
      done
    done
    ;;
  *)
    echo "usage: $0 wasm [OUT.wasm] | commit | host DIR [NAME] | check" >&2
    exit 2
    ;;
esac
