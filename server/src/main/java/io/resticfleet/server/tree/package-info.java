/** The index of snapshots' files, so that browsing, searching and comparing start no restic. It can be made again at any time. */
package io.resticfleet.server.tree;
