package commit

// Ways are those that the suite compares, ours last.
var Ways = []Way{Cond, Channel, MutexHeap, Lockfree}
