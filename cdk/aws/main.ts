import { fileURLToPath } from 'node:url'
import { configText, configVariable } from '#functions/config.ts'
import { awsApp } from './app.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const example = { [configVariable]: `${root}docs/isobar.config.example.json` }

// The cdk command says where it wants the output; by itself this writes `cdk.out`, without network or Docker.
awsApp(await configText({ ...example, ...process.env }), process.env['CDK_OUTDIR'] ?? `${root}cdk.out`).synth()
