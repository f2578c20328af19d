package wheel

import "errors"

var (
	// ErrSignaled means that the point is reached, or the wheel closed: nothing was added and nothing will be called.
	ErrSignaled = errors.New("wheel: the point is signaled already")
	// ErrExhausted means that there is no free node. It cannot happen after Reserve, and works again once callbacks
	// have run or were canceled.
	ErrExhausted = errors.New("wheel: no callback node is free")
	// ErrRange means a point above MaxPoint, a handler above MaxHandler, or slices whose lengths don't match.
	ErrRange = errors.New("wheel: the point or the handler is out of range")
	// ErrSize means a number of nodes outside 1 to MaxNodes.
	ErrSize = errors.New("wheel: size out of range")
	// ErrDelivering means that this goroutine is just delivering for the wheel, and would wait for itself.
	ErrDelivering = errors.New("wheel: this goroutine is delivering for the wheel; flush after its callbacks")
)
