package bench

// The adapters of the fence runtime: NewLockfree (impl=lockfree, with a Local) and
// NewImplicit (impl=implicit, without).
