/** Pages of repositories, and the form of a repository, which other pages use too. */
package io.resticfleet.server.page.repository;
