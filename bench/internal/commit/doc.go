// Package commit is group commit, the work that a position to wait for is made for: many writers append records to one
// log file, one goroutine writes and syncs what has come together, and each writer waits until the log is durable to the end of
// its own record. How they wait is a Mark, and there are several, so that they can be compared; all else is the same.
//
// # How the log works
//
// Append copies the record into a buffer under a short mutex; its place in the file is settled by that. The syncing goroutine takes
// the buffer, leaves its other one, and without the lock makes one write and one sync of it. So there is one system call
// per batch in place of one per record, no hole in the file to keep track of, and no lock held across either call. While a
// sync is under way the next batch comes together: the slower the disk, the larger the batches.
//
// # Invariants
//
//	L1  Positions are offsets in the file: the records up to end lie there, in the buffer that was taken, or in buf,
//	    one behind the other, without gaps. end and buf change under mu.
//	L2  Only the syncing goroutine calls the file and moves the mark. It moves the mark to p after a Sync that returned nil
//	    and began after all bytes below p had been written. So what is acknowledged is on the disk.
//	L3  The first error of a write or a sync is the end: nothing is written, synced or acknowledged afterwards, and no sync is
//	    tried again. The kernel may have dropped the pages that it could not write and call the next sync a success.
//	L4  What was readable when the file was opened is not therefore durable: Open syncs before it counts on it.
//
// Memory is bounded by the writers: one that waits for its record has one in the buffers.
package commit
