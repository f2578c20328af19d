// Package machine describes where numbers were measured: the processor, what the
// system does to it, the toolchain and the commit. The description heads every stored
// file, so that a number can be judged without its author.
//
// What cannot be read says "unknown". That is no error and no warning: most of it does
// not exist on some system or other.
package machine
