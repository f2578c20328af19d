//go:build amd64 && !race && !explore

#include "textflag.h"

// func StoreRelease64(p *Uint64, v uint64)
TEXT ·StoreRelease64(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ v+8(FP), CX
	MOVQ CX, 0(AX)
	RET

// func StoreRelease32(p *Uint32, v uint32)
TEXT ·StoreRelease32(SB), NOSPLIT, $0-12
	MOVQ p+0(FP), AX
	MOVL v+8(FP), CX
	MOVL CX, 0(AX)
	RET
