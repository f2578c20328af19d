// Package wheel is a stub comment.
package wheel
