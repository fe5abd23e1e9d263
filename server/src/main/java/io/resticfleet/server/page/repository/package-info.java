/** The repository tab: location, credentials, maintenance. */
package io.resticfleet.server.page.repository;
