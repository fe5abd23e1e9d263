package io.resticfleet.faults;

import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.SplittableRandom;

/** What {@link java.security.SecureRandom} throws in a simulation: the same for the same seed. */
final class SimRandom extends Provider {

    private static final long serialVersionUID = 1L;
    private static SplittableRandom random = new SplittableRandom(0);

    private SimRandom() {
        super("SimRandom", "1", "the same for the same seed");
        putService(new Service(this, "SecureRandom", "SimRandom", Generator.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
                return new Generator();
            }
        });
    }

    /** Whatever in this process asks for random numbers gets these from now on. */
    static void seed(SplittableRandom chance) {
        random = chance;
        if (Security.getProvider("SimRandom") == null) {
            Security.insertProviderAt(new SimRandom(), 1);
        }
    }

    private static final class Generator extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        @Override
        protected void engineSetSeed(byte[] seed) {
            // there is one already
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
