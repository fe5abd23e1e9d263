/** A host's repository tab: location, maintenance, and growth. */
package io.resticfleet.server.page.hostrepository;
