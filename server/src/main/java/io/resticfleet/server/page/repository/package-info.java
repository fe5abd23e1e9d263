/** The repository tab: location, credentials, upkeep. */
package io.resticfleet.server.page.repository;
