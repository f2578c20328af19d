/* The measure for waking another process: bare futexes, two processes, nothing else.
 *
 *   futex wake COUNT GAP_US      prints nanoseconds from before the store to after the waiter's return, a line each
 *   futex pingpong COUNT         prints nanoseconds of all round trips
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

struct word {
	_Alignas(128) _Atomic uint32_t value;
};

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void await(struct word *w, uint32_t n)
{
	uint32_t v;
	while ((v = atomic_load(&w->value)) != n)
		syscall(SYS_futex, &w->value, FUTEX_WAIT, v, NULL, NULL, 0);
}

static void publish(struct word *w, uint32_t n)
{
	atomic_store(&w->value, n);
	syscall(SYS_futex, &w->value, FUTEX_WAKE, 1, NULL, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
	long gap = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	size_t size = 2 * sizeof(struct word) + count * sizeof(uint64_t);
	struct word *words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return 1;
	uint64_t *times = (uint64_t *)(words + 2);
	int wake = strcmp(argv[1], "wake") == 0;
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (uint32_t n = 1; n <= count; n++) {
			await(&words[0], n);
			times[n - 1] = now();
			if (!wake)
				publish(&words[1], n);
		}
		_exit(0);
	}
	uint64_t *sent = calloc(count, sizeof *sent);
	uint64_t begin = now();
	for (uint32_t n = 1; n <= count; n++) {
		for (uint64_t since = now(); wake && now() - since < (uint64_t)gap * 1000;)
			; /* this processor stays warm, the other one goes idle */
		sent[n - 1] = now();
		publish(&words[0], n);
		if (wake)
			while (atomic_load((_Atomic uint64_t *)&times[n - 1]) == 0)
				;
		else
			await(&words[1], n);
	}
	uint64_t all = now() - begin;
	waitpid(child, NULL, 0);
	if (!wake) {
		printf("%llu\n", (unsigned long long)all);
		return 0;
	}
	for (uint32_t k = 0; k < count; k++)
		printf("%llu\n", (unsigned long long)(times[k] - sent[k]));
	return 0;
}
