package io.resticfleet.server.page.hostrepository;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.page.host.HostFrame;
import io.resticfleet.server.page.repository.RepositoryForm;
import java.util.List;
import java.util.Map;

/**
 * The credentials of a host for one of its repositories.
 *
 * @param own whether they differ from those of the other hosts
 * @param wrong error messages by form field
 */
record HostCredentialsScreen(
        HostFrame host,
        RepositoryId id,
        String name,
        String url,
        boolean own,
        RepositoryForm form,
        Map<String, String> wrong)
        implements PageModel {

    String path() {
        return host.path("repositories") + "/" + id + "/credentials";
    }

    @Override
    public String template() {
        return "hostrepository/credentials.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return host.and();
    }
}
