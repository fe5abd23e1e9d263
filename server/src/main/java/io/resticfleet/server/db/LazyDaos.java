package io.resticfleet.server.db;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.extension.ExtensionFactory;
import org.jdbi.v3.core.extension.ExtensionMetadata;
import org.jdbi.v3.core.extension.Extensions;
import org.jdbi.v3.core.extension.HandleSupplier;
import org.jdbi.v3.sqlobject.SqlObjectFactory;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;

/**
 * Attaches SQL object interfaces to a handle. JDBI itself prepares every method of an interface at each attach, which
 * costs more than the query that follows; this prepares only the methods that are called. They are not warmed up either:
 * that is of use only before many calls on one handle. Safe for use by many threads.
 */
final class LazyDaos implements ExtensionFactory {

    private final Extensions extensions;
    private final ExtensionFactory sqlObjects;

    /** Metadata of each interface, built once; JDBI would build it for each handle. */
    private final Map<Class<?>, ExtensionMetadata> known = new ConcurrentHashMap<>();

    private LazyDaos(Extensions extensions) {
        this.extensions = extensions;
        this.sqlObjects = extensions.findFactory(SqlObjectFactory.class).orElseThrow();
    }

    static Jdbi install(Jdbi jdbi) {
        jdbi.installPlugin(new SqlObjectPlugin());
        jdbi.getConfig(Extensions.class)
                .registerHandlerCustomizer((handler, dao, method) ->
                        (config, target) -> handler.attachTo(config, target)::invoke); // without its method warm
        return jdbi.registerExtension(new LazyDaos(jdbi.getConfig(Extensions.class)));
    }

    @Override
    public boolean accepts(Class<?> type) {
        return known.containsKey(type) || sqlObjects.accepts(type);
    }

    @Override
    public Set<FactoryFlag> getFactoryFlags() {
        return Set.of(FactoryFlag.DONT_USE_PROXY);
    }

    @Override
    public <E> E attach(Class<E> type, HandleSupplier handle) {
        var metadata = known.computeIfAbsent(type, any -> extensions.findMetadata(any, sqlObjects));
        var config = metadata.createInstanceConfiguration(handle.getConfig());
        InvocationHandler call =
                (dao, method, arguments) -> metadata.createExtensionHandlerInvoker(dao, method, handle, config)
                        .invoke(arguments);
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, call));
    }
}
