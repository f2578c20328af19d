//go:build !packed

package main

// packedSuite is nothing in a program that compiles the suite.
var packedSuite []byte
