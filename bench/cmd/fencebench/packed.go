//go:build packed

package main

import _ "embed"

// packedSuite is the compiled suite. The file is the build's: see bench/internal/pack.
//
//go:embed suite.bin
var packedSuite []byte
