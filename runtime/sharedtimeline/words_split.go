//go:build !amd64 && !arm64 && !386 && !loong64 && !mips64 && !mips64le && !ppc64 && !ppc64le && !riscv64 && !s390x

package sharedtimeline

// wholeWords: on some 32-bit processors sync/atomic has locks of its own for 64 bits, of which another process knows nothing.
const wholeWords = false
