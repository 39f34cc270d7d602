/*
 * The Swift runtime installs handlers for fatal signals as it is loaded, where SWIFT_ROOT or SWIFT_BACKTRACE tell it
 * to. Those signals are the host's. This definition takes the place of the runtime's own, in the static archive, which
 * the linker then leaves out. 0 means that a handler was installed, so that the runtime prints no warning.
 */
int _swift_installCrashHandler(void);

int _swift_installCrashHandler(void) {
  return 0;
}
