/** Adding a host: the form, the install line, and the moment when its agent connects. */
package io.resticfleet.server.page.addhost;
