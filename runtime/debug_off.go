//go:build !fencedebug

package fencert

import "sync"

// debugging tells whether this is a build with the tag fencedebug. Every use of what debug_on.go names there stands
// under an if of this constant, so that none of it is compiled; the types have no size. Tests look.
const debugging = false

type (
	debugRuntime struct{}
	debugLocal   struct{}
	debugIssuer  struct{}
	debugHold    struct{}
)

func debugBlocking(string)                       {}
func debugCall(string, debugWhy)                 {}
func debugHookBegin(*Runtime, string)            {}
func debugHookEnd()                              {}
func (l *Local) debugBegin()                     {}
func (l *Local) debugEnd()                       {}
func (l *Local) debugMade()                      {}
func (l *Local) debugEnter()                     {}
func (l *Local) debugResume()                    {}
func (l *Local) debugLeave()                     {}
func (l *Local) debugCheck()                     {}
func (l *Local) debugMisused()                   {}
func (l *Local) debugClosed()                    {}
func (l *Local) debugForgotten()                 {}
func (l *Local) debugLend()                      {}
func (l *Local) debugReturn()                    {}
func (l *Local) debugRunBegin(*frame)            {}
func (l *Local) debugRunEnd()                    {}
func (l *Local) debugSignal(Issuer, string)      {}
func (l *Local) debugForeignTicket(Ticket)       {}
func (rt *Runtime) debugKept(*Issuer)            {}
func (i *Issuer) debugArmed(*FenceContext)       {}
func (i Issuer) debugKeep()                      {}
func (i Issuer) debugDrop()                      {}
func (h *Hold) debugHeld()                       {}
func (h Hold) debugReleased()                    {}
func debugChecked(inner sync.Locker) sync.Locker { return inner }
