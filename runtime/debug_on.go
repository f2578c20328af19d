//go:build fencedebug

package fencert

import (
	"runtime"
	"strings"
	"sync"
)

// This build finds misuse. Nothing in it is lock-free, and every call costs microseconds.
//
// All that the checks know lies under one mutex, debugMu, and in three places: by goroutine (debugGoroutines: the
// sections that it is in, the checked locks that it holds), by Local (debugLocal), and behind a pointer that all
// copies of an Issuer or Hold share (debugToken, debugHolding). The mutex is held for reading and writing
// that alone: no atomic operation of the runtime, no function of the user and no report happens under it. So it never
// nests, and an explored schedule, which changes threads only at atomic operations, never meets it held.
//
// A report comes before its call has changed anything, since it may panic; where it comes in the middle, the call ends
// as it would with the panic of a build without the tag.

const debugging = true

var debugMu sync.Mutex

// debugRuntime is what a Runtime has more. kept are the tokens of issuers that went into an IssuerRef, by slot, for the
// last life of each that did.
type debugRuntime struct{ kept map[uint32]*debugToken }

// debugDepth is how many calls of a stack are kept.
const debugDepth = 32

// A debugPlace is where a goroutine is: a MisuseStack without the title, and without a pointer.
type debugPlace struct {
	goroutine uint64
	n         int
	pcs       [debugDepth]uintptr
}

// debugHere is the caller's place, with its goroutine's number, which costs most of it.
func debugHere() debugPlace {
	p := debugCheaply()
	p.goroutine = debugID()
	return p
}

// debugCheaply is debugHere without the goroutine.
func debugCheaply() (p debugPlace) {
	p.n = runtime.Callers(2, p.pcs[:])
	return p
}

// debugID is the number of this goroutine: the standard library tells it in the first line of a trace alone,
// "goroutine 18 [running]:".
func debugID() (id uint64) {
	var text [32]byte
	for _, c := range text[len("goroutine "):runtime.Stack(text[:], false)] {
		if c < '0' || c > '9' {
			break
		}
		id = 10*id + uint64(c-'0')
	}
	return id
}

// stack is the place with a title, without the calls of the checks themselves, which come first.
func (p *debugPlace) stack(title string) MisuseStack {
	s := MisuseStack{Title: title, Goroutine: p.goroutine}
	for k, pc := range p.pcs[:p.n] {
		if !debugOwn(pc) {
			s.PCs = append(s.PCs, p.pcs[k:p.n]...)
			break
		}
	}
	return s
}

// debugOwn tells whether a call lies in the checks' own files.
func debugOwn(pc uintptr) bool {
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	file := f.File[strings.LastIndexByte(f.File, '/')+1:]
	return strings.HasPrefix(file, "debug_") && !strings.HasSuffix(file, "_test.go")
}

// debugFallback is Config.OnMisuse for runtimes without one, for tests.
var debugFallback func(Misuse)

// debugReport hands a report to the hook, or panics with it. debugMu is not held.
func debugReport(rt *Runtime, kind MisuseKind, text string, stacks ...MisuseStack) {
	m := Misuse{Kind: kind, Text: text, Stacks: stacks}
	switch {
	case rt.config.OnMisuse != nil:
		rt.config.OnMisuse(m)
	case debugFallback != nil:
		debugFallback(m)
	default:
		panic(&MisuseError{m})
	}
}
