//go:build amd64 || arm64 || 386 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x

package sharedtimeline

// wholeWords: 64 bits are changed by instructions, which another process's see whole.
const wholeWords = true
