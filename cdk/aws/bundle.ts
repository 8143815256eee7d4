import { fileURLToPath } from 'node:url'
import { AssetHashType } from 'aws-cdk-lib'
import { Code, Runtime } from 'aws-cdk-lib/aws-lambda'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The function's code, in pieces: what a cold start needs, and each cloud's SDK by itself, read when it is first asked for. One file would be
 * read whole at every start. The runtime's own SDK may change under us, so what is used is bundled.
 */
export function bundleOf(entry: string): Code {
  return Code.fromAsset(root, {
    // By what comes out: what lies beside the sources does not matter.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never asked for: what can be done here is.
      image: Runtime.NODEJS_24_X.bundlingImage,
      local: {
        tryBundle(outdir) {
          buildSync({
            absWorkingDir: root,
            entryPoints: { index: entry },
            outdir,
            outExtension: { '.js': '.mjs' },
            chunkNames: '[name]-[hash]',
            bundle: true,
            splitting: true,
            platform: 'node',
            format: 'esm',
            target: 'node24',
            minify: true,
            sourcemap: true,
            sourcesContent: false,
            mainFields: ['module', 'main'],
            // The SDKs hold CommonJS, which asks for Node's modules by a name that a module has not.
            banner: {
              js: "import{createRequire as isobarRequire}from'node:module';const require=isobarRequire(import.meta.url);",
            },
            logLevel: 'warning',
          })
          return true
        },
      },
    },
  })
}
