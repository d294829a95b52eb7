#pragma once
/*
 * Tests only: a library for LD_PRELOAD that counts the durable system calls of a process over all of its threads, and makes one of them the last, or fail.
 * (strace counts by thread.) It does nothing without these variables:
 *
 *   SPOOL_CALLS_BELOW   a directory: calls on paths in it are looked at, and those on sockets
 *   SPOOL_CALLS_EXCEPT  but not those whose path has this in it
 *   SPOOL_CALLS         which of them count, "fsync,fdatasync": write writev pwrite fsync fdatasync ftruncate rename unlink open send; all without it
 *   SPOOL_CALLS_ON      only those whose path has this in it, or ends with it where it ends in $
 *   SPOOL_CALLS_DO      kill: SIGKILL in place of the call    drop: the call is left out and said to have succeeded
 *                       ENOSPC EIO EMFILE EINTR: the call fails so
 *   SPOOL_CALLS_AT      the first call that it is done to, from 1 over those that count
 *   SPOOL_CALLS_TIMES   to how many in a row; 1 without it, 0 means all from there on
 *   SPOOL_CALLS_AFTER   microseconds after the start at which the process is killed, whatever it does
 *   SPOOL_CALLS_COUNT   a file of 16 bytes: the calls counted, and how many were tampered with, as it happens
 *   SPOOL_CALLS_TRACE   a file to which each call that is looked at is added twice, when it begins (>) and when it has ended (<):
 *                       "12 > fsync /path" and "12 < 0 fsync /path"; a send is traced with the first words of an HTTP request, its query left out
 */
