/*
 * The Swift runtime installs handlers for fatal signals when it is loaded, if SWIFT_ROOT or SWIFT_BACKTRACE say so.
 * Those signals belong to the host. This definition replaces that of the static runtime, which the linker then leaves
 * out. 0 means that a handler was installed, so that the runtime prints no warning.
 */
int _swift_installCrashHandler(void);

int _swift_installCrashHandler(void) {
  return 0;
}
