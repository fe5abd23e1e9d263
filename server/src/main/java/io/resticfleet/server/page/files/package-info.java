/** Pages that find files in snapshots and get them back. */
package io.resticfleet.server.page.files;
