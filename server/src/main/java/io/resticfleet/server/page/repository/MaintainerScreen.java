package io.resticfleet.server.page.repository;

import java.util.Map;

/**
 * The form of a repository's maintainer.
 *
 * @param host id of the chosen host; empty for none
 * @param form where and with what it opens the repository, if that differs
 * @param own whether it has a URL or credentials of its own
 * @param wrong error messages by field
 */
record MaintainerScreen(
        RepositoryFrame frame, String host, RepositoryForm form, boolean own, Map<String, String> wrong) {}
