package io.resticfleet.faults;

import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.SplittableRandom;

/** A seeded {@link java.security.SecureRandom} for simulations. */
public final class SimRandom extends Provider {

    private static final long serialVersionUID = 1L;
    private static SplittableRandom random = new SplittableRandom(0);

    private SimRandom() {
        super("SimRandom", "1", "seeded");
        putService(new Service(this, "SecureRandom", "SimRandom", Generator.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
                return new Generator();
            }
        });
    }

    /** Replaces the source of all secure random numbers of this process. */
    public static void seed(SplittableRandom source) {
        random = source;
        if (Security.getProvider("SimRandom") == null) {
            Security.insertProviderAt(new SimRandom(), 1);
        }
    }

    private static final class Generator extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        @Override
        protected void engineSetSeed(byte[] seed) {
            // seeded by the simulation
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            synchronized (SimRandom.class) {
                random.nextBytes(bytes);
            }
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            var bytes = new byte[count];
            engineNextBytes(bytes);
            return bytes;
        }
    }
}
