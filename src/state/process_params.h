/*
 * process_params: the parameters that clone, fork, vfork, clone3, execve and execveat have in
 * common.
 *
 * Layer: state, private. What is behind them differs, and is named where it is used.
 */
#ifndef EYAS_PROCESS_PARAMS_H
#define EYAS_PROCESS_PARAMS_H

enum process_param {
	P_EXE = 1,
	P_ARGS,
	P_TID,
	P_PID,
	P_PTID,
	P_CWD,
	P_FDLIMIT,
	P_PGFT_MAJ,
	P_PGFT_MIN,
	P_VM_SIZE,
	P_VM_RSS,
	P_VM_SWAP,
	P_COMM,
	P_CGROUPS,
	P_COMMON_END, /* the first that differs */
};

#endif
