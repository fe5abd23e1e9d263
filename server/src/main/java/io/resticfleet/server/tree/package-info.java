/** The index of snapshots' files, so that browsing, searching and comparing start no restic. It can be made anew at any time. */
package io.resticfleet.server.tree;
